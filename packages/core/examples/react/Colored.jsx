import { useEffect, useState } from "react";
import { colorize } from "@photochrom/core";

export function Colored({ file }) {
  const [url, setUrl] = useState();
  useEffect(() => {
    let made;
    colorize(file, { network: "/photochrom_fast.onnx" }).then((blob) => setUrl((made = URL.createObjectURL(blob))));
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url ? <img src={url} alt="" /> : <progress />;
}
