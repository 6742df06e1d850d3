// Package intake takes deliveries: files of rows for one table, as CSV, NDJSON or
// Parquet, plain or compressed. It validates them against the table's contract
// (queries.Schema) and lands what is good; a bad row goes to quarantine with file,
// line, column and reason, and never with what it held.
//
// # How a delivery stays exact
//
// A file is cut into chunks by its content alone, so that every run of the same
// file makes the same chunks. For each chunk:
//
//  1. rows are read and validated, keys hashed, personal data refused;
//  2. ClickHouse is asked which of the chunk's keys are there already;
//  3. refused rows go to quarantine;
//  4. the ledger (table deliveries) notes the counts so far and, a bit a row,
//     which rows of this chunk are accepted;
//  5. these rows are inserted, under a token made of delivery, table, chunk and
//     attempt.
//
// A run that is cut off between 4 and 5, or in 5, is decided by the next. If the
// rows are not in the table, they are inserted as a new attempt, under a new token:
// an engine that is killed may have noted the old one and not kept the rows. If
// they are, the rollups are held against the table, and what one lacks of the chunk
// is added (rollup.go). In both cases the rows are those of step 4, but for events
// that another delivery has brought since: these count as its own. An insert that
// outlived the run that sent it is waited for first.
//
// One process should write a table at a time: two deliveries that bring the same
// new key at the same moment through two processes would both find it absent.
// Within a process a table's chunks take turns.
//
// # Memory
//
// Two chunks of at most chunkRows rows and chunkBytes bytes are held at a time:
// one lands while the next is read. Nothing grows with the file.
package intake
