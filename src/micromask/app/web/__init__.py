"""The web app on 127.0.0.1: the pages of a study, for people who do not use a terminal."""
