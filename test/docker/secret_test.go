package docker

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// found looks for secrets in everything that images consist of: each file of each layer, whether a later one hides it or not, and the configuration with its history.
// It returns where the value of each name was found.
func found(t *testing.T, secrets map[string]string, images ...string) map[string]string {
	t.Helper()
	if len(secrets) == 0 || len(images) == 0 {
		return nil
	}
	cmd := exec.Command("docker", append([]string{"save"}, images...)...)
	cmd.Stderr = os.Stderr
	stream, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if err := search(stream, strings.Join(images, ", "), secrets, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return out
}

// search reads an archive, and the archives in it, which are the layers.
func search(r io.Reader, where string, secrets, out map[string]string) error {
	for ar := tar.NewReader(r); ; {
		h, err := ar.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, r) // or whoever writes waits for ever
			return err
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		in := bufio.NewReaderSize(ar, 1<<16)
		if magic, err := in.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			if z, err := gzip.NewReader(in); err == nil {
				in = bufio.NewReaderSize(z, 1<<16)
			}
		}
		if block, err := in.Peek(512); err == nil && string(block[257:262]) == "ustar" {
			if err := search(in, where+": "+h.Name, secrets, out); err != nil {
				return err
			}
			continue
		}
		data, err := io.ReadAll(in)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, gzip.ErrChecksum) && !errors.Is(err, gzip.ErrHeader) {
			return err
		}
		for name, value := range secrets {
			if bytes.Contains(data, []byte(value)) {
				out[name] = where + ": " + h.Name
			}
		}
	}
}
