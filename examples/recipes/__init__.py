"""The recipes of docs/recipes.md: modules to copy from, each of which also runs as a program."""
