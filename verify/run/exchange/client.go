package exchange

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Agent is the User-Agent of all requests.
const Agent = "lift-exchange"

// Mark is the header by which a request is found in the logs of both sides.
const Mark = "X-Lift-Request"

// usualTimeout is how long an answer may take.
const usualTimeout = 10 * time.Second

// websocketKey is sent in every handshake: the answer to it is the same every time. RFC 6455 section 1.3 has it as its example.
const websocketKey = "dGhlIHNhbXBsZSBub25jZQ=="

// dial opens the connection that a request goes through.
type dial func(ctx context.Context) (net.Conn, error)

// ready is a request whose variables have been replaced.
type ready struct {
	method, scheme, host, path string
	headers                    []Header
	user                       string
	websocket                  bool
	body                       []byte
	hasBody                    bool
	kind                       string // Content-Type of the body, unless a header says it
	mark                       string // X-Lift-Request
	side                       *Side
	timeout                    time.Duration
}

// exchange sends one request through a connection of its own and takes the answer. Nothing of the machine's environment plays a part, no redirect is followed, nothing is sent twice.
func (r ready) exchange(ctx context.Context, open dial) answer {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var mu sync.Mutex
	var conn net.Conn
	var dialed error
	connect := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := open(ctx)
		mu.Lock()
		defer mu.Unlock()
		conn, dialed = c, err
		return c, err
	}
	t := &http.Transport{
		Proxy:                  nil, // that of the environment would be asked otherwise
		DialContext:            connect,
		DisableCompression:     true,                                                                                        // or Go would ask for gzip and unpack it, and nobody would see the difference
		TLSClientConfig:        &tls.Config{InsecureSkipVerify: true, ServerName: r.host, NextProtos: []string{"http/1.1"}}, //nolint:gosec // the certificate is one made for the test; whose it is, is not the question here
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxResponseHeaderBytes: 1 << 20,
	}
	defer t.CloseIdleConnections()
	req := r.request(ctx)
	resp, err := t.RoundTrip(req)
	mu.Lock()
	defer mu.Unlock()
	var nowhere NotHere
	switch {
	case errors.As(dialed, &nowhere):
		return answer{nowhere: nowhere.Why}
	case dialed != nil:
		return answer{missing: "no connection: " + cause(dialed)}
	case err != nil:
		return answer{missing: cause(err)}
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, protocol: resp.Proto, header: resp.Header, connection: "kept", framing: "length told"}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		a.connection, a.framing = "handed over", "none"
	case len(resp.TransferEncoding) > 0:
		a.framing = "chunked"
	case resp.ContentLength < 0:
		a.framing = "ends with the connection"
	}
	if r.method == http.MethodHead && resp.Header.Get("Content-Length") == "" && len(resp.TransferEncoding) == 0 {
		a.framing = "none"
	}
	if resp.Close {
		a.connection = "closed"
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, err := io.ReadAll(io.LimitReader(resp.Body, keepBody+1))
		if err != nil {
			return answer{missing: "the body ends early: " + cause(err)}
		}
		if len(body) > keepBody {
			body, a.cut = body[:keepBody], true
		}
		a.body = unpack(resp.Header, body)
	}
	a.trailer = resp.Trailer
	if conn != nil {
		a.normalise(r, conn.RemoteAddr())
	}
	return a
}

// request makes the request as net/http sends it.
func (r ready) request(ctx context.Context) *http.Request {
	req := (&http.Request{
		Method: r.method,
		URL:    &url.URL{Scheme: r.scheme, Host: r.host, Opaque: r.path}, // the path goes out as it is written
		Host:   r.host,
		Header: http.Header{"User-Agent": {Agent}, "Accept": {"*/*"}, Mark: {r.mark}},
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if strings.HasPrefix(r.path, "//") { // Opaque would be taken for a host
		req.URL.Opaque = ""
		path, query, _ := strings.Cut(r.path, "?")
		req.URL.RawQuery = query
		req.URL.RawPath = path
		req.URL.Path, _ = url.PathUnescape(path)
	}
	if r.hasBody {
		req.Body = io.NopCloser(strings.NewReader(string(r.body)))
		req.ContentLength = int64(len(r.body))
		if len(r.body) == 0 {
			req.Body = http.NoBody
		}
		if r.kind != "" {
			req.Header.Set("Content-Type", r.kind)
		}
	}
	if r.user != "" {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(r.user)))
	}
	if r.websocket {
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "websocket")
		req.Header.Set("Sec-WebSocket-Version", "13")
		req.Header.Set("Sec-WebSocket-Key", websocketKey)
	}
	first := map[string]bool{}
	for _, h := range r.headers {
		switch {
		case h.Name == "Host":
			req.Host = h.Value
		case first[h.Name]:
			req.Header.Add(h.Name, h.Value)
		default: // what the file says takes the place of what is sent otherwise
			req.Header.Set(h.Name, h.Value)
			first[h.Name] = true
		}
	}
	return req
}

// cause says in a few words why there is no answer: the same ones on every side, without addresses.
func cause(err error) string {
	var op net.Error
	var protocol textproto.ProtocolError
	text := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &op) && op.Timeout():
		return "it takes too long"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &protocol), strings.Contains(text, "malformed"):
		return "no HTTP"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed),
		strings.Contains(text, "server closed idle connection"), strings.Contains(text, "transport connection broken"):
		return closedEarly
	case strings.Contains(text, "tls: "), strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "no TLS"
	}
	return clip(text)
}

// closedEarly is the cause of no answer that can be expected.
const closedEarly = "the connection is closed without an answer"
