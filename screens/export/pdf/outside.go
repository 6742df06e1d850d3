package pdf

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"time"

	"liaowang/screens/export/child"
)

// limits are those of a process that reads one PDF.
var limits = child.Limits{Time: 30 * time.Second, Memory: 4 << 30, Output: 64 << 20}

// Outside reads a PDF in a process that runs Serve.
func Outside(ctx context.Context, cmd *exec.Cmd, body []byte) (*Document, error) {
	out, err := child.Run(ctx, cmd, bytes.NewReader(body), limits)
	if err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	doc := &Document{}
	if err := json.Unmarshal(out, doc); err != nil {
		return nil, fmt.Errorf("pdf: what was read of it: %w", err)
	}
	return doc, nil
}

// Serve reads the PDF that it is given and writes the document as JSON.
func Serve(in io.Reader, out io.Writer) error {
	body, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	doc, err := Read(body)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(doc)
}
