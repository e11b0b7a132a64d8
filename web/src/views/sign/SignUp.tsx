export { SignUp as default } from "./Sign";
