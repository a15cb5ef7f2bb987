import Wasm, { Hub } from "./build/index.js";
import { entrypoints } from "../../shared/edge/js/driver.mjs";

const { Public, Internal } = entrypoints(Wasm);
export default Public;
export { Hub, Internal };
