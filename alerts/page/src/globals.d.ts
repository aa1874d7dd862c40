declare const __VERSION__: string;
declare const __STREAM_WORKER__: string;
declare const __NETWORK_WORKER__: string;
declare module "*.css";
