! The network of docs/embedding.md from Fortran.
program simulation
  ! region: fortran
  use, intrinsic :: iso_c_binding
  implicit none
  interface
    function cooling_open(weights, threads, message, room) bind(c)
      import :: c_ptr, c_char, c_int
      character(kind=c_char), intent(in) :: weights(*)
      character(kind=c_char), intent(out) :: message(*)
      integer(c_int), value :: threads, room
      type(c_ptr) :: cooling_open
    end function
    function cooling_rates(network, thread, cells, apart, state, rate) bind(c)
      import :: c_ptr, c_int, c_long, c_double
      type(c_ptr), value :: network
      integer(c_int), value :: thread
      integer(c_long), value :: cells, apart
      real(c_double), intent(in) :: state(*)
      real(c_double), intent(out) :: rate(*)
      integer(c_int) :: cooling_rates
    end function
    subroutine cooling_close(network) bind(c)
      import :: c_ptr
      type(c_ptr), value :: network
    end subroutine
  end interface
  ! end region
  integer(c_long), parameter :: cells = 3
  real(c_double) :: state(cells, 4), rate(cells, 2)
  character(kind=c_char) :: message(500)
  character(len=200) :: weights
  type(c_ptr) :: network
  integer :: cell, a
  call get_command_argument(1, weights)
  do a = 1, 4
    do cell = 1, 3
      state(cell, a) = 0.5d0 * cell - (a - 1)
    end do
  end do
  ! region: call
  network = cooling_open(trim(weights) // c_null_char, 1, message, size(message))
  if (.not. c_associated(network)) error stop "the network cannot be opened"
  if (cooling_rates(network, 0, cells, cells, state, rate) /= 0) error stop "no rates"
  ! end region
  do cell = 1, 3
    print '(f9.4, " ", f9.4)', rate(cell, :)
  end do
  call cooling_close(network)
end program
