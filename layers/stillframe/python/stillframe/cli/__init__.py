"""The command line `stillframe`; its commands are the rows of `main.COMMANDS`."""
