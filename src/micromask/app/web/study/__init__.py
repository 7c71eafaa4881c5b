"""One study's pages: consent and session of a participant, coding, agreement of the coders."""
