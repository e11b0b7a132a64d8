export { SignIn as default } from "./Sign";
