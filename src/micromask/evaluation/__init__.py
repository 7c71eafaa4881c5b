"""Who is tested on whom, and whether to believe it."""
