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
// An event whose key is there with the same content is a duplicate; with another it
// is refused, and what came first stays.
//
// # Who writes
//
// A chunk is looked up and then inserted, and nobody else may write the table in
// between. Within a process a table's chunks take turns; between processes a lease
// (table intake_leases, lease.go) is held as long as a delivery runs, and another
// process is refused. A lease ends with its process: at once for one that is known
// to be dead on this host, else 15 seconds after it was last renewed. Two things are
// not covered. A process that is stopped for longer than that (a machine that is
// suspended) exactly between its last look at the lease and its insert may write
// beside its successor. And the lease is as good as a database that answers with
// what was written just before: on a cluster, whose servers answer for themselves,
// one process must take all deliveries.
//
// # Keys
//
// Numbers of households and other things become keyed hashes; 123.0 and full-width
// １２３ are 123, in every format. Which key a database was filled under is kept in
// table intake_keys by its fingerprint. The first delivery records it, and one under
// another key is refused. The demo province makes keys of its own, in a range that
// hashes leave free, and needs none.
//
// # Personal data
//
// Columns of personal data refuse the file. A value that is an ID number, a mobile
// number or a bank card refuses its row, in any column. Key columns are no
// exception, although only hashes of them are kept: there are few enough phone
// numbers to hash them all. Since one in sixteen serials of 11 digits looks like one,
// Options.Serials names key columns where a bare number of 11 digits is a serial.
//
// In text columns, which only tables of policies, emergencies and regions have, two
// more are refused: telephones with an area code, and a text that is nothing but a
// frequent surname and one or two characters. That is all that can be told by form.
// A name within a sentence, a name in other letters, a place where one person lives,
// and a telephone without area code are not found: whoever fills these columns is
// answerable for them.
//
// # Memory
//
// Two chunks of at most chunkRows rows and chunkBytes bytes are held at a time:
// one lands while the next is read. Nothing grows with the file. Pages of a Parquet
// file are walked before they are decoded (pages.go): none can ask for more than
// it shows.
package intake
