package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// Dial connects to a port of the first instance through the API server, as kubectl port-forward does, but without a port on this machine.
func (p *running) Dial(ctx context.Context, workload string, port int) (net.Conn, error) {
	pod, _, err := p.instance(ctx, workload)
	if err != nil {
		return nil, p.clean(err)
	}
	conn, err := p.client.forward(ctx, p.ns, pod.Name, port)
	if err != nil {
		return nil, p.clean(fmt.Errorf("%s: port %d: %w", workload, port, err))
	}
	return conn, nil
}

// instance is the first instance of a workload that runs.
func (p *running) instance(ctx context.Context, workload string) (corev1.Pod, *controller, error) {
	c, err := p.controller(workload)
	if err != nil {
		return corev1.Pod{}, nil, err
	}
	list, err := p.podsOf(ctx, c)
	if err != nil {
		return corev1.Pod{}, nil, err
	}
	if len(list) == 0 {
		return corev1.Pod{}, nil, fmt.Errorf("%s does not run", workload)
	}
	return list[0], c, nil
}

// forward opens a stream to a port of a pod.
func (c *client) forward(ctx context.Context, ns, pod string, port int) (conn net.Conn, err error) {
	err = c.insist(ctx, func() error {
		conn, err = c.forwardOnce(ctx, ns, pod, port)
		return err
	})
	return conn, err
}

// insist does something again as long as the server cannot be connected to.
func (c *client) insist(ctx context.Context, do func() error) error {
	for begun := time.Now(); ; {
		err := do()
		if err == nil || !unsent(err) || time.Since(begun) > c.patience || !sleep(ctx, retryPause) {
			return err
		}
	}
}

// forwardOnce is one try of it.
func (c *client) forwardOnce(ctx context.Context, ns, pod string, port int) (net.Conn, error) {
	dialer, err := c.forwarder(ns, pod)
	if err != nil {
		return nil, err
	}
	type result struct {
		conn httpstream.Connection
		err  error
	}
	got := make(chan result, 1)
	go func() { // it knows no context
		conn, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		got <- result{conn, err}
	}()
	select {
	case <-ctx.Done():
		go func() {
			if r := <-got; r.err == nil {
				r.conn.Close()
			}
		}()
		return nil, ctx.Err()
	case r := <-got:
		if r.err != nil {
			return nil, r.err
		}
		conn, err := newConn(r.conn, pod, port)
		if err != nil {
			r.conn.Close()
		}
		return conn, err
	}
}

// forwarder speaks SPDY in a WebSocket, which proxies understand; with servers before 1.31 SPDY alone.
func (c *client) forwarder(ns, pod string) (httpstream.Dialer, error) {
	u := c.url(pods.at(ns, pod, "portforward"), nil)
	transport, upgrader, err := spdy.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	old := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u)
	modern, err := portforward.NewSPDYOverWebsocketDialerForStreaming(u, c.config)
	if err != nil {
		return nil, err
	}
	return portforward.NewFallbackDialerForStreaming(modern, old, upgradeRefused), nil
}

// upgradeRefused reports whether the server, or a proxy before it, knows no WebSocket here.
func upgradeRefused(err error) bool {
	return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
}

// podConn is a connection to a port of a pod. The pipe gives it deadlines, which streams do not have.
type podConn struct {
	net.Conn
	stream httpstream.Connection
	at     podAddr

	mu    sync.Mutex
	fault error // what the node says of the connection
	told  chan struct{}
}

type podAddr string

func (podAddr) Network() string  { return "pod" }
func (a podAddr) String() string { return string(a) }

func newConn(stream httpstream.Connection, pod string, port int) (net.Conn, error) {
	header := http.Header{}
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	header.Set(corev1.PortHeader, strconv.Itoa(port))
	header.Set(corev1.PortForwardRequestIDHeader, "0")
	faults, err := stream.CreateStream(header)
	if err != nil {
		return nil, err
	}
	faults.Close() // nothing is written to it
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := stream.CreateStream(header)
	if err != nil {
		return nil, err
	}
	mine, theirs := net.Pipe()
	c := &podConn{Conn: mine, stream: stream, at: podAddr(net.JoinHostPort(pod, strconv.Itoa(port))), told: make(chan struct{})}
	go func() {
		defer close(c.told)
		if text, _ := io.ReadAll(io.LimitReader(faults, 4096)); len(text) > 0 {
			c.mu.Lock()
			c.fault = refusal(string(text))
			c.mu.Unlock()
			data.Reset()
		}
	}()
	go func() {
		_, _ = io.Copy(theirs, data)
		theirs.Close()
	}()
	go func() {
		_, _ = io.Copy(data, theirs)
		data.Close()
	}()
	return c, nil
}

// refusal makes an error of the node's words.
func refusal(text string) error {
	text = strings.TrimSpace(text)
	if _, why, ok := strings.Cut(text, "failed to connect to "); ok {
		text = why
	}
	if strings.Contains(text, "connection refused") {
		return fmt.Errorf("nothing listens: %w", syscall.ECONNREFUSED)
	}
	return errors.New(text)
}

// Read tells at the end of the stream why there was nothing, if the node said so.
func (c *podConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		<-c.told // it ends together with the other stream
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.fault != nil {
			return n, c.fault
		}
	}
	return n, err
}

func (c *podConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.fault != nil {
			return n, c.fault
		}
	}
	return n, err
}

func (c *podConn) RemoteAddr() net.Addr { return c.at }

// Close ends the connection with all its streams.
func (c *podConn) Close() error {
	err := c.Conn.Close()
	c.stream.Close()
	return err
}
