"""What can go wrong on the wire, one file each."""
