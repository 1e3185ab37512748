"""What librarians are told without looking: rules over the board, patience, a book, mail and MQTT."""
