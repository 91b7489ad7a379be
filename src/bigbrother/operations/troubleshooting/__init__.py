"""Section 3.1: common problems, what helps, and whether it helped."""
