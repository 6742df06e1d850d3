package intake

import (
	"fmt"
	"net/http"
)

// Refusal is why a file as a whole is not taken. Its words never hold anything
// that the file held.
type Refusal struct {
	// Code is for programs, Status the HTTP status that goes with it.
	Code   string
	Status int
	// Message is for people: what is wrong, where, and what to do.
	Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Status: http.StatusUnprocessableEntity, Message: fmt.Sprintf(format, args...)}
}

func (r *Refusal) status(s int) *Refusal {
	r.Status = s
	return r
}

// ServeHTTP refuses every request.
func (r *Refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	// What is left of the body is not waited for.
	w.Header().Set("Connection", "close")
	writeAnswer(w, r.Status, map[string]any{"error": map[string]string{"code": r.Code, "message": r.Message}})
}

// Flaw is what is wrong with a row.
type Flaw struct {
	Line uint64 `json:"line"`
	// Column is empty where the whole row is meant.
	Column string `json:"column"`
	Reason string `json:"reason"`
}
