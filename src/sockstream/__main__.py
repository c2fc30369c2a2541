"""`python -m sockstream`: the command."""

from sockstream.cli import main

if __name__ == "__main__":
    main()
