"""What the app keeps: recordings, results and jobs in one folder, and the processes that work on them."""
