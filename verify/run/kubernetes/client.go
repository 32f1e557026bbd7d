package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// client speaks to one API server, in JSON.
type client struct {
	web      *http.Client
	base     *url.URL
	config   *rest.Config
	context  string        // of the kubeconfig
	warn     func(string)  // what the API server warns of
	patience time.Duration // with a server that gives no answer

	mu    sync.Mutex
	kinds map[string][]metav1.APIResource // by group and version
}

// apiError is an answer of the API server that is none of success.
type apiError struct {
	method, path string
	code         int
	status       metav1.Status
}

func (e *apiError) Error() string {
	if e.status.Message != "" {
		return e.status.Message
	}
	return fmt.Sprintf("the API server answers %s %s with status %d", e.method, e.path, e.code)
}

// answered reports whether err is the API server's answer of one of the status codes.
func answered(err error, codes ...int) bool {
	var e *apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.code == c {
			return true
		}
	}
	return false
}

func missing(err error) bool { return answered(err, http.StatusNotFound) }

// Content types of patches.
const (
	mergePatch = "application/merge-patch+json"
	plainJSON  = "application/json"
)

const (
	mostBody    = 64 << 20
	requestTime = 2 * time.Minute // a question, with all its tries
	retryPause  = 300 * time.Millisecond
	busyTime    = 30 * time.Second // how long a server may say that it is busy
	steadfast   = 45 * time.Second // how long a server may be away in the middle of a run
)

func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.do(ctx, http.MethodGet, path, query, plainJSON, nil, into)
}

func (c *client) create(ctx context.Context, path string, query url.Values, object, into any) error {
	return c.do(ctx, http.MethodPost, path, query, plainJSON, object, into)
}

func (c *client) patch(ctx context.Context, path string, change, into any) error {
	return c.do(ctx, http.MethodPatch, path, nil, mergePatch, change, into)
}

func (c *client) delete(ctx context.Context, path string, query url.Values) error {
	return c.do(ctx, http.MethodDelete, path, query, plainJSON, nil, nil)
}

// do makes a request and reads the answer.
func (c *client) do(ctx context.Context, method, path string, query url.Values, form string, body, into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	resp, err := c.answer(ctx, method, path, query, form, data)
	if err != nil {
		return err
	}
	return c.read(resp, method, path, into)
}

// answer gets the answer to a request. A server that is busy is asked again, and one that gives no answer at all, where asking twice does no harm.
func (c *client) answer(ctx context.Context, method, path string, query url.Values, form string, data []byte) (*http.Response, error) {
	for begun := time.Now(); ; {
		resp, err := c.send(ctx, method, path, query, form, data)
		if err != nil {
			again := method != http.MethodPost || unsent(err)
			if !again || time.Since(begun) > c.patience || !sleep(ctx, retryPause) {
				return nil, err
			}
			continue
		}
		wait, busy := retryAfter(resp)
		if !busy || time.Since(begun) > max(c.patience, busyTime) {
			return resp, nil
		}
		resp.Body.Close()
		if !sleep(ctx, wait) {
			return nil, ctx.Err()
		}
	}
}

// unsent reports whether an error says that the connection never stood: then the server knows nothing of the request.
func unsent(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	return strings.Contains(err.Error(), "TLS handshake timeout") // of net/http; it has no type
}

func (c *client) send(ctx context.Context, method, path string, query url.Values, form string, data []byte) (*http.Response, error) {
	var body io.Reader
	if data != nil {
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url(path, query).String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", plainJSON)
	if data != nil {
		req.Header.Set("Content-Type", form)
	}
	return c.web.Do(req)
}

// url is the address of a path on the server.
func (c *client) url(path string, query url.Values) *url.URL {
	u := *c.base
	u.Path += path
	u.RawQuery = query.Encode()
	return &u
}

// retryAfter tells whether the server asks for patience, and how much of it.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
		return 0, false
	}
	s, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil {
		return 0, false
	}
	return time.Duration(min(max(s, 0), 10)) * time.Second, true
}

func (c *client) read(resp *http.Response, method, path string, into any) error {
	defer resp.Body.Close()
	if warnings, _ := utilnet.ParseWarningHeaders(resp.Header["Warning"]); len(warnings) > 0 && method != http.MethodGet {
		for _, w := range warnings {
			c.warn(w.Text)
		}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err != nil {
		return err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return failed(resp, method, path, data)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("the answer to %s %s is none of an API server: %w", method, path, err)
	}
	return nil
}

func failed(resp *http.Response, method, path string, data []byte) error {
	e := &apiError{method: method, path: path, code: resp.StatusCode}
	if json.Unmarshal(data, &e.status) != nil || e.status.Kind != "Status" {
		text := strings.TrimSpace(string(data))
		if len(text) > 300 || strings.HasPrefix(text, "<") {
			text = ""
		}
		e.status = metav1.Status{Message: text}
	}
	return e
}

// stream opens what lasts: a log, a watch. The caller closes it.
func (c *client) stream(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	resp, err := c.answer(ctx, http.MethodGet, path, query, plainJSON, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return http.NoBody, c.read(resp, http.MethodGet, path, nil) // 204: there is nothing yet
	}
	return resp.Body, nil
}
