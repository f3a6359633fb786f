"""How do tables, as common loaders land them, become tables of the contract? (one TOML file per preset)

Each ``<name>.toml`` beside this file fills some tables of the contract by SQL over raw tables that are named
``<system>_<table>``, and says in plain words what it assumes and which line to change.
"""
