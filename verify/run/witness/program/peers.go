//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// patience is how long a look-up, a connection and an answer may take, each.
const patience = 3 * time.Second

// peers looks all of them up and asks who is there, at the same time.
func (w *witness) peers() map[string]report.PeerResult {
	var mu sync.Mutex
	var wait sync.WaitGroup
	all := map[string]report.PeerResult{}
	for _, p := range w.plan.Peers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			result := meet(p.Name, p.Port)
			mu.Lock()
			defer mu.Unlock()
			all[p.Name+":"+strconv.Itoa(p.Port)] = result
		}()
	}
	wait.Wait()
	return all
}

func meet(name string, port int) report.PeerResult {
	var result report.PeerResult
	addresses, err := lookup(name)
	if err != nil {
		result.Error = netReason(err)
		return result
	}
	result.Addresses = addresses
	if port == 0 {
		return result
	}
	c, err := dial(addresses, port)
	if err != nil {
		result.Error = netReason(err)
		return result
	}
	defer c.Close()
	host := name
	if port != 80 {
		host = net.JoinHostPort(name, strconv.Itoa(port))
	}
	got, err := request(c, "/", host)
	var answer report.Answer
	if err == nil && json.Unmarshal([]byte(got.Body), &answer) == nil {
		result.Nonce, result.Answered = answer.Nonce, answer.Workload
	}
	return result
}

// lookup asks as a program without a C library does: /etc/hosts and the servers of /etc/resolv.conf.
func lookup(name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	sort.Strings(addresses)
	return addresses, err
}

// dial connects to the first address that lets it.
func dial(addresses []string, port int) (net.Conn, error) {
	d := net.Dialer{Deadline: time.Now().Add(patience)}
	var first error
	for _, a := range addresses {
		c, err := d.Dial("tcp", net.JoinHostPort(a, strconv.Itoa(port)))
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// netReason is the error without the addresses of servers.
func netReason(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &dns):
		return dns.Err
	}
	return reason(err)
}

// mostBody bounds what is told of an answer.
const mostBody = 64 << 10

// request sends one GET request and reads the answer.
func request(c net.Conn, uri, host string) (report.Reached, error) {
	got := report.Reached{Address: c.RemoteAddr().String()}
	c.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lift-witness\r\nAccept: */*\r\nConnection: close\r\n\r\n", uri, host); err != nil {
		return got, err
	}
	r := bufio.NewReaderSize(io.LimitReader(c, mostHeader+mostBody), 4<<10)
	t := textproto.NewReader(r)
	for got.Status < 200 { // what comes before is for information
		line, err := t.ReadLine()
		if err != nil {
			return got, err
		}
		f := strings.Fields(line)
		if len(f) < 2 || !strings.HasPrefix(f[0], "HTTP/1.") {
			return got, errors.New("what answers does not speak HTTP")
		}
		if got.Status, err = strconv.Atoi(f[1]); err != nil || got.Status < 100 {
			return got, errors.New("what answers does not speak HTTP")
		}
		header, err := t.ReadMIMEHeader()
		if err != nil {
			return got, err
		}
		got.Header = header
	}
	body := io.Reader(r)
	if header := textproto.MIMEHeader(got.Header); listed(header.Get("Transfer-Encoding"), "chunked") {
		body = &chunks{r: r}
	} else if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil {
		body = io.LimitReader(r, n)
	}
	text, err := io.ReadAll(io.LimitReader(body, mostBody))
	got.Body = string(text)
	return got, err
}

// get requests a URL, under another host's name if one is given.
func get(address, host string) report.Reached {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" {
		return report.Reached{Error: fmt.Sprintf("%q is no URL that begins with http://", address)}
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if host == "" {
		host = u.Host
	}
	c, got := reach(net.JoinHostPort(u.Hostname(), port))
	if c == nil {
		return got
	}
	defer c.Close()
	got, err = request(c, u.RequestURI(), host)
	if err != nil {
		got.Error = netReason(err)
	}
	return got
}

// reach connects to HOST:PORT.
func reach(address string) (net.Conn, report.Reached) {
	name, text, err := net.SplitHostPort(address)
	port, err2 := strconv.Atoi(text)
	if err != nil || err2 != nil {
		return nil, report.Reached{Error: fmt.Sprintf("%q is not HOST:PORT", address)}
	}
	addresses, err := lookup(name)
	if err != nil {
		return nil, report.Reached{Error: netReason(err)}
	}
	c, err := dial(addresses, port)
	if err != nil {
		return nil, report.Reached{Error: netReason(err)}
	}
	return c, report.Reached{Address: c.RemoteAddr().String()}
}
