[tool.alembic]
# Where env.py and the revision files are; %(here)s is the folder of this file.
script_location = "${script_location}"

# Put on sys.path before env.py is run.
prepend_sys_path = ["."]
