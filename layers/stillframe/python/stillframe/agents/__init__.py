"""What agents ask for, over the Model Context Protocol: pictures, text, outlines and comparisons of pages."""
