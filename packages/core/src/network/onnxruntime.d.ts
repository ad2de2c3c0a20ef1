// What `imports` of package.json names: onnxruntime-web's own build for Node there, the one for browsers elsewhere.
declare module "#onnxruntime" {
  export * from "onnxruntime-web";
}
