"""The launcher behind `make run`: every part of two to five country nodes, the hub and the region, on one machine."""
