"""What people made of the machine's intervals: who said what, and what stands."""
