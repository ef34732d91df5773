"""What is no part of the text: phrases, learned blocks, and how they are cut, learned and put back."""
