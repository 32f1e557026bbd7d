package container2k8s

import (
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// lowerImage settles which image runs. imagePullPolicy is not written: Kubernetes pulls an image with a tag when the node does not have it, which suits both a registry and an image that was
// loaded into kind or minikube; with "Always" the latter would fail.
func lowerImage(o pod.Workload) {
	at := []string{"image"}
	built := deploy.Has(o.App, o.To.Join("build"))
	pod.Default(o, &o.W.Image, o.App.Name.Or("app")+"/"+o.W.Name+":1.0", "a pod needs an image, and the source names none: build it under this name", at...)
	image := o.W.Image.Or("")
	if built {
		from := "its recipe"
		if file, ok := o.W.Build.File.Get(); ok {
			from = file
		}
		o.W.Build = deploy.Build{}
		o.L.Convert(o.From.Join("build"), "the image is built from "+from, o.To.Join("image"))
	}
	if !hasTag(image) {
		o.Notice(ledger.Warning, "image "+image+" has no fixed tag: Kubernetes pulls it at each start, and nobody knows what runs", "give it a version", at...)
	}
}

// hasRegistry reports whether the reference begins with a host.
func hasRegistry(image string) bool {
	host, _, ok := strings.Cut(image, "/")
	return ok && (strings.ContainsAny(host, ".:") || host == "localhost")
}

// hasTag reports whether the reference is pinned by a digest or a tag other than latest.
func hasTag(image string) bool {
	if strings.Contains(image, "@") {
		return true
	}
	_, tag, ok := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	return ok && tag != "latest"
}
