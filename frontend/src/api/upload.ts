// Sending a picture: by XMLHttpRequest, since fetch does not say how far it is.

import type { Node } from "../model/rows";
import { type Refused, refusal, Unreachable } from "./client";

export interface Upload {
  file: Blob;
  name: string;
  x: number;
  y: number;
  actor: string;
  /** Told how much was sent, 0–1. */
  onShare(share: number): void;
}

/** The node that a picture became, its centre at x, y. */
export function upload({ file, name, x, y, actor, onShare }: Upload): Promise<Node[]> {
  return new Promise((resolve, reject: (error: Refused | Unreachable) => void) => {
    const request = new XMLHttpRequest();
    const place = new URLSearchParams({ name, x: String(x), y: String(y) });
    request.open("POST", `/api/uploads?${place}`);
    request.setRequestHeader("X-Forkframe-Actor", encodeURIComponent(actor));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onShare(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Node[]);
      else void refusal(request.status, () => JSON.parse(request.responseText)).then(reject);
    };
    request.onerror = () => reject(new Unreachable("the studio does not answer"));
    request.send(file);
  });
}
