// What pages say of each method, wrapper and schedule, by id: a new one is a file of its own and a line here.

export { about as adam } from './adam.ts';
