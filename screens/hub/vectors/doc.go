// Package vectors has no code: it is the folder of the stream's test vectors, which
// README.md describes, and its tests hold them against the server.
package vectors
