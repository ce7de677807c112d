[alembic]
# Where env.py and the revision files are; %(here)s is the folder of this file.
script_location = ${script_location}

# What stands between several paths in one option: os, space or newline.
path_separator = os

# Put on sys.path before env.py is run.
prepend_sys_path = .

# The database. Leave it out where env.py knows it.
sqlalchemy.url = driver://user:password@host/database
