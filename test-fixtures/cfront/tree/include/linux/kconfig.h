/* Marks the folder as a tree; its units need nothing from here. */
