"""`flask db adopt`"""
