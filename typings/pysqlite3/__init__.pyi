# pysqlite3 is the standard sqlite3 module built with a newer SQLite: same names, same types.
