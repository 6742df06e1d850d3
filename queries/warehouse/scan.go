package warehouse

import (
	"fmt"
	"reflect"
)

// kind says what a field is.
type kind uint8

const (
	isNull kind = iota
	isText
	isNumber
)

// field is a value of a row as it was read. Those of a row are good until the next is read.
type field struct {
	kind   kind
	text   string
	number float64
}

// value is what a Row holds of it.
func (f *field) value() any {
	switch f.kind {
	case isText:
		return f.text
	case isNumber:
		return f.number
	}
	return nil
}

func rowOf(fields []field) Row {
	row := make(Row, len(fields))
	for i := range fields {
		row[i] = fields[i].value()
	}
	return row
}

// scanner reads a column's values one after the other.
type scanner struct {
	dest any // which the driver scans into, the same for all rows
	read func(*field) error
}

// newScanner makes the scanner of values of a type that the driver scans. Statements
// return hundreds of thousands of rows a minute, nearly all of text and Float64: these are
// read without reflection.
func newScanner(t reflect.Type) scanner {
	switch dest := reflect.New(t).Interface().(type) {
	case *string:
		return scanner{dest, func(f *field) error { *f = field{kind: isText, text: *dest}; return nil }}
	case **string:
		return nullable(dest, func(s string) field { return field{kind: isText, text: s} })
	case *float64:
		return scanner{dest, func(f *field) error { *f = field{kind: isNumber, number: *dest}; return nil }}
	case *uint8: // the number of a metric among those that are asked together
		return scanner{dest, func(f *field) error { *f = field{kind: isNumber, number: float64(*dest)}; return nil }}
	case **float64:
		return nullable(dest, func(n float64) field { return field{kind: isNumber, number: n} })
	default:
		v := reflect.ValueOf(dest).Elem()
		return scanner{dest, func(f *field) (err error) { *f, err = reflected(v); return err }}
	}
}

func nullable[T any](dest **T, is func(T) field) scanner {
	return scanner{dest, func(f *field) error {
		if *f = (field{}); *dest != nil {
			*f = is(**dest)
		}
		return nil
	}}
}

// reflected is the field of a value of any type.
func reflected(v reflect.Value) (field, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return field{}, nil
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String:
		return field{kind: isText, text: v.String()}, nil
	case v.CanInt():
		return field{kind: isNumber, number: float64(v.Int())}, nil
	case v.CanUint():
		return field{kind: isNumber, number: float64(v.Uint())}, nil
	case v.CanFloat():
		return field{kind: isNumber, number: v.Float()}, nil
	case v.Kind() == reflect.Bool:
		n := 0.
		if v.Bool() {
			n = 1
		}
		return field{kind: isNumber, number: n}, nil
	}
	return field{}, fmt.Errorf("type %s cannot be shown: return text, an integer or a float", v.Type())
}
