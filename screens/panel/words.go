package panel

import "liaowang/aggregator/batch"

// words is the kinds without figures of their own: the strip of checks, whose
// results come with every batch's header, and plain text.
type words struct{}

func (words) validate(s *Spec, v *validator) {
	if s.Kind == KindText {
		v.takes(s, "text")
		v.need(s.Text != "", "text", "is empty")
		return
	}
	v.takes(s)
}

func (words) needs(*Spec, string, *Regions) []batch.Key { return nil }
func (words) option(*Spec, *Input) any                  { return nil }
func (words) data(*Spec, *Input) any                    { return struct{}{} }
