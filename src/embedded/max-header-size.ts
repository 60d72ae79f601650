/** As much as a real API server takes (Go's DefaultMaxHeaderBytes): the commands of an exec travel in its address. */
export const maxHeaderSize = 1 << 20
