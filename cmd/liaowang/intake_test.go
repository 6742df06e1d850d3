package main

import (
	"strings"
	"testing"
)

func TestAHashInLettersIsNoNumber(t *testing.T) {
	if got := letters([]byte{0x13, 0x81, 0x23, 0xff}); got != "bdibcdpp" || strings.ContainsAny(got, "0123456789") {
		t.Errorf("%q", got)
	}
}
