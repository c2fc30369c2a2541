"""How the compiled core of the package is made; `build.py` is the program."""
