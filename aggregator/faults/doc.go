// Package faults tests what becomes of batches while everything around them fails:
// aggregators as processes that are killed and frozen, servers that start again empty,
// networks that stall half-way, a source that answers some statements with errors.
package faults
