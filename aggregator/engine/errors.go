package engine

import (
	"errors"
	"fmt"
)

// ConfigError says that the engine cannot run with what it was given: a
// library that is missing or broken, a folder that is locked or cannot be
// written. Trying again does not help; a person has to look.
type ConfigError struct {
	Reason string // one line, for a person
	Err    error  // what lies under it, may be nil
}

func (e *ConfigError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return fmt.Sprintf("%s: %v", e.Reason, e.Err)
}

// Unwrap returns what lies under the error.
func (e *ConfigError) Unwrap() error { return e.Err }

func configError(reason string, err error) *ConfigError {
	return &ConfigError{Reason: reason, Err: err}
}

// ExitConfig is the exit code of a child that failed by a ConfigError (EX_CONFIG
// of sysexits.h). The supervisor does not restart such a child.
const ExitConfig = 78

// ExitCode returns the exit code of the process of a child for what Child
// returned: 0 for nil, ExitConfig for a *ConfigError, 1 for others.
func ExitCode(err error) int {
	var config *ConfigError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &config):
		return ExitConfig
	default:
		return 1
	}
}

// StartError says why the engine did not start or is not started any more.
type StartError struct {
	Reason string   // one line, for a person
	Output []string // the last lines that the child wrote
}

func (e *StartError) Error() string { return "the engine did not start: " + e.Reason }
