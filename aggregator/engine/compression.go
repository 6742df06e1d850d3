package engine

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// frameSize is how much output goes into one block of ClickHouse's own
// compression, as in the server.
const frameSize = 1 << 20

// decodeBody undoes a Content-Encoding. closing releases what it holds.
func decodeBody(encoding string, body io.Reader) (r io.Reader, closing func(), err error) {
	nothing := func() {}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nothing, nil
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(body)
	case "deflate":
		r, err = zlib.NewReader(body)
	case "br":
		r = brotli.NewReader(body)
	case "lz4":
		r = lz4.NewReader(body)
	case "zstd":
		// The window bounds what a hostile frame makes us allocate.
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(128<<20))
		if err != nil {
			return nil, nothing, badBody(err)
		}
		return d, d.Close, nil
	default:
		return nil, nothing, &Exception{Code: codeNotImplemented, Message: "Unknown Content-Encoding " + encoding}
	}
	if err != nil {
		return nil, nothing, badBody(err)
	}
	return r, nothing, nil
}

func badBody(err error) error {
	return &Exception{Code: codeCannotParseBody, Message: "Cannot read the body of the request: " + err.Error()}
}

// acceptedEncoding picks the encoding of a response from Accept-Encoding, empty
// for none. The order is that of the server.
func acceptedEncoding(header string) string {
	accepted := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(part, ";")
		quality = strings.ReplaceAll(quality, " ", "")
		if quality != "q=0" && quality != "q=0.0" {
			accepted[strings.ToLower(strings.TrimSpace(name))] = true
		}
	}
	for _, name := range []string{"br", "lz4", "zstd", "gzip", "deflate"} {
		if accepted[name] {
			return name
		}
	}
	return ""
}

// encoder compresses a response.
type encoder interface {
	io.WriteCloser
	Flush() error
}

// newEncoder compresses for a Content-Encoding that acceptedEncoding gave. The
// levels are low: the other side is on the same machine.
func newEncoder(encoding string, w io.Writer) (encoder, error) {
	switch encoding {
	case "gzip":
		return gzip.NewWriterLevel(w, gzip.BestSpeed)
	case "deflate":
		return zlib.NewWriterLevel(w, zlib.BestSpeed)
	case "br":
		return brotli.NewWriterLevel(w, 1), nil
	case "lz4":
		return lz4.NewWriter(w), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	default:
		return &plainEncoder{w}, nil
	}
}

type plainEncoder struct{ io.Writer }

func (plainEncoder) Flush() error { return nil }
func (plainEncoder) Close() error { return nil }

// frameEncoder writes ClickHouse's own block compression (compress=1).
type frameEncoder struct {
	to         io.Writer
	compressor *compress.Writer
	pending    []byte
}

// newFrameEncoder takes a value of network_compression_method; LZ4 is the
// default.
func newFrameEncoder(method string, w io.Writer) *frameEncoder {
	m := compress.LZ4
	switch strings.ToUpper(method) {
	case "ZSTD":
		m = compress.ZSTD
	case "LZ4HC":
		m = compress.LZ4HC
	case "NONE":
		m = compress.None
	}
	return &frameEncoder{to: w, compressor: compress.NewWriter(compress.LevelZero, m)}
}

func (f *frameEncoder) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), frameSize-len(f.pending))
		f.pending = append(f.pending, p[:n]...)
		p = p[n:]
		if len(f.pending) == frameSize {
			if err := f.Flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (f *frameEncoder) Flush() error {
	if len(f.pending) == 0 {
		return nil
	}
	if err := f.compressor.Compress(f.pending); err != nil {
		return err
	}
	f.pending = f.pending[:0]
	_, err := f.to.Write(f.compressor.Data)
	return err
}

func (f *frameEncoder) Close() error { return f.Flush() }
