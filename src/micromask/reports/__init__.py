"""Results as one offline HTML file, tables and ELAN files; computes nothing, never needs torch."""
