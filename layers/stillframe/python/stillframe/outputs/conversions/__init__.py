"""Conversions that may take seconds: bytes in, bytes out.

`worker_process` may run them in another process, which has this folder without the package around it. So a
module may import others of this folder and nothing else of the package. Third-party libraries are imported
inside of the functions.
"""
