// Command witness is the program in the pods of the node's test: it tells what it sees from inside.
//
//	GET /            how often it was started, counted in the file of COUNTER
//	GET /lookup?N    what the name N resolves to
//	GET /fetch?URL   what a URL answers
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

func main() {
	f, err := os.OpenFile(os.Getenv("COUNTER"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := f.WriteString("x"); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		info, err := f.Stat()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "started %d", info.Size())
	})
	http.HandleFunc("/lookup", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		fmt.Fprint(w, answer(net.DefaultResolver.LookupHost(ctx, r.URL.RawQuery)))
	})
	http.HandleFunc("/fetch", func(w http.ResponseWriter, r *http.Request) {
		target, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		resp, err := (&http.Client{Timeout: 3 * time.Second}).Get(target)
		if err != nil {
			fmt.Fprint(w, err)
			return
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		fmt.Fprint(w, answer(string(data), err))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// answer is a value, or why there is none.
func answer(value any, err error) any {
	if err != nil {
		return err
	}
	return value
}
