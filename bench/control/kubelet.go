// The part of a kubelet that kwok's nodes lack for our pods: commands in a container that know which pod they run in.
// Usage: kubelet --listen ADDRESS --certificate FILE --key FILE --kubeconfig FILE --archives FOLDER
// What is asked for is not run. In a pod of index 7, `... cat .../result.tar.gz ...` gets the bytes of 7.tar.gz as that command would print them; when their arrival is answered, or
// for any other command, the pod is marked as let go, by an annotation that a Stage of kwok waits for.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	protocols "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	terminal "k8s.io/client-go/tools/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/remotecommand"
)

const (
	idle   = 10 * time.Minute
	wanted = "result.tar.gz"
	letGo  = `{"metadata":{"annotations":{"faildrill-bench/let-go":"true"}}}`
)

// Pods of an Indexed Job are called after it, their index and five characters more.
var podName = regexp.MustCompile(`-(\d+)-[a-z0-9]{5}$`)

type kubelet struct {
	archives string
	client   kubernetes.Interface
}

// ExecInContainer answers a command; name is the pod's namespace and name.
func (k kubelet) ExecInContainer(ctx context.Context, name string, _ types.UID, _ string, command []string, in io.Reader, out, _ io.WriteCloser, _ bool, _ <-chan terminal.TerminalSize, _ time.Duration) error {
	namespace, pod, _ := strings.Cut(name, "/")
	if strings.Contains(strings.Join(command, " "), wanted) {
		if err := k.serve(pod, in, out); err != nil {
			return err
		}
	}
	_, err := k.client.CoreV1().Pods(namespace).Patch(ctx, pod, types.MergePatchType, []byte(letGo), metav1.PatchOptions{})
	return err
}

// Prints the size of a pod's archive and then the archive, and returns when that was answered.
func (k kubelet) serve(pod string, in io.Reader, out io.Writer) error {
	index := podName.FindStringSubmatch(pod)
	if index == nil {
		return fmt.Errorf("%s is not a pod of an Indexed Job", pod)
	}
	archive, err := os.Open(filepath.Join(k.archives, index[1]+".tar.gz"))
	if err != nil {
		return err
	}
	defer archive.Close()
	status, err := archive.Stat()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, status.Size()); err != nil {
		return err
	}
	if _, err := io.Copy(out, archive); err != nil {
		return err
	}
	_, err = bufio.NewReader(in).ReadString('\n')
	return err
}

func (k kubelet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 4 || parts[0] != "exec" {
		http.NotFound(w, r)
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, k, parts[1]+"/"+parts[2], "", parts[len(parts)-1], r.URL.Query()["command"], options, idle, 30*time.Second, protocols.SupportedStreamingProtocols)
}

func main() {
	listen := flag.String("listen", "", "address")
	certificate := flag.String("certificate", "", "file")
	key := flag.String("key", "", "file")
	config := flag.String("kubeconfig", "", "file")
	archives := flag.String("archives", "", "folder")
	flag.Parse()
	access, err := clientcmd.BuildConfigFromFlags("", *config)
	if err != nil {
		log.Fatal(err)
	}
	// It stands for as many kubelets as there are nodes: each would have its own limit.
	access.QPS = -1
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServeTLS(*listen, *certificate, *key, kubelet{*archives, client}))
}
